"""The words by which decisions, tasks and questions are known, in English and Chinese. Pure."""

import re
from dataclasses import dataclass
from re import Pattern


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of one language.

    A cue of a decision or task counts unless its own clause, up to the end of the cue, takes it back: by a
    negation, a condition, a doubt.
    """

    decision: Pattern[str]
    task: Pattern[str]
    request: Pattern[str]
    """A task in the form of a question."""
    taken_back: Pattern[str]
    past: Pattern[str]
    """What says that a task is done."""
    small_talk: Pattern[str]
    """About the call itself, or about nothing."""
    question: Pattern[str]
    clause: Pattern[str]
    """Where a clause ends."""
    shortest_question: Pattern[str]
    """What a question that asks something has at least."""

    def is_decision(self, sentence: str) -> bool:
        """Whether something is decided in it."""
        return not self.is_asked(sentence) and self._holds(self.decision, sentence)

    def is_task(self, sentence: str) -> bool:
        """Whether somebody takes something on, or is asked to."""
        if self.small_talk.search(sentence) or self.past.search(sentence):
            return False
        if self.request.search(sentence):
            return True
        return not self.is_asked(sentence) and self._holds(self.task, sentence)

    def is_question(self, sentence: str) -> bool:
        """Whether something is asked in it that deserves an answer."""
        return (
            self.is_asked(sentence)
            and not self.small_talk.search(sentence)
            and self.shortest_question.search(sentence) is not None
        )

    def is_asked(self, sentence: str) -> bool:
        """Whether it has the form of a question."""
        return self.question.search(sentence) is not None

    def _holds(self, cue: Pattern[str], sentence: str) -> bool:
        for found in cue.finditer(sentence):
            before = self.clause.split(sentence[: found.start()])[-1]
            if not self.taken_back.search(before + found[0]):
                return True
        return False


_VERB = (
    r"(?:send|write|prepare|fix|check|update|review|finish|call|e-?mail|schedule|book|share|test|deploy|create|"
    r"draft|document|investigate|follow up|look into|set up|organi[sz]e|contact|ask|report|deliver|publish|"
    r"order|translate|clean up|remove|merge|implement|build|design|upload|arrange|submit|measure|present|"
    r"reach out|summari[sz]e|take care of|get back to|work on|talk to|speak to|collect|install|migrate|hire|"
    r"pay|sign|print|invite|complete|compile|circulate|handle|provide|put together|write up|rewrite|replace|"
    r"verify|confirm)\b"
)
_WHO = (
    r"(?:\b(?:I|we|you|he|she|they|somebody|someone|everybody|everyone|the \w+ team)"
    # Names, but not the words that begin sentences.
    r"|\b(?-i:(?!(?:This|That|These|Those|It|There|What|Who|Which|When|Where|If|Everything|Nothing|Nobody|Nothing|And|"
    r"But|So|Then|Maybe|Perhaps|Time|Life|Today|Tomorrow|People)\b)[A-Z][a-z]+))"
)
_ADVERB = r"(?: (?:also|then|just|now|quickly|definitely|personally|all|still|both|gladly|please|kindly))*"

ENGLISH = Cues(
    decision=re.compile(
        r"\bwe(?:'ve| have)?(?: all| just| now| finally| both| already| unanimously)*"
        r" (?:decided|agreed(?! to disagree)|settled on|concluded)\b"
        r"|\bwe(?:'ll|'re| will| are)(?: all| now)* (?:going to )?"
        r"(?:go(?:ing)? with|stick(?:ing)? (?:with|to))\b"
        r"|\blet'?s (?:go with|stick with|stick to|settle on)\b"
        r"|\b(?:the|our)(?: final)? decision is\b(?! (?:up to|still|not|pending|yours|hard|difficult))"
        r"|\b(?:it|that|this)(?:'s| is| was| has been)(?: now| hereby| therefore)?"
        r" (?:decided|agreed|approved|settled)\b"
        r"|\b(?:the|this|that) [\w ]{0,40}?"
        r"(?:is|was|has been|have been)(?: now| hereby| unanimously)? approved\b",
        re.IGNORECASE,
    ),
    task=re.compile(
        rf"{_WHO}(?:'ll| will|'m going to|'re going to|'s going to| am going to| are going to| is going to"
        rf"| needs? to| ha(?:ve|s) to| must|'ve got to){_ADVERB} {_VERB}"
        rf"|\bplease{_ADVERB} {_VERB}"
        r"|\b(?:action items?|action points?|to-?dos?)(?: is| are| for \w+|:)"
        r"|\b(?:ha(?:ve|s)|needs?) to be (?:done|finished|ready|sent|delivered|submitted|reviewed|fixed)\b",
        re.IGNORECASE,
    ),
    request=re.compile(rf"\b(?:can|could|would|will) you{_ADVERB} {_VERB}", re.IGNORECASE),
    taken_back=re.compile(
        r"\b(?:not|never|nobody|nothing|no one|hardly|without|cannot|if|once|when|until|unless|whether|"
        r"before|after|as|in case|suppose|wish|what|why|how|who|did|do|does|can|could|would|might|may|maybe|"
        r"perhaps|thought|said|says|remember|doubt|unsure|yet to|used to|pretend)\b|n't\b",
        re.IGNORECASE,
    ),
    past=re.compile(r"\b(?:already (?:did|done|sent|finished)|is done now|used to)\b", re.IGNORECASE),
    small_talk=re.compile(
        r"\b(?:hear|see) (?:me|us|him|her|you|it|that|anything|my \w+|the (?:screen|slides))\b"
        r"|\b(?:share|check|fix|test|adjust|set up|replace)(?: \w+){0,2} "
        r"(?:screen|camera|microphone|mic|audio|headset|headphones|volume|sound)\b"
        r"|\b(?:mute|unmute)\b|\bcall it a day\b|\bin a (?:second|sec|moment|minute)\b|\bto be honest\b"
        r"|\b(?:how are you|are you (?:there|ready|still there|kidding|serious|sure)"
        r"|is (?:every|any)(?:one|body) (?:here|there|ready)|you know what i mean"
        r"|does that make sense|shall we (?:start|begin)|isn't it|who knows|how's it going|what's up)\b",
        re.IGNORECASE,
    ),
    question=re.compile(
        r"\?[\"')\]]*$"
        # Some models write no stops: then the order of the words tells.
        r"|^(?:(?:so|and|but|okay|ok|well|now),? )*"
        r"(?:what(?! an?\b)|when|where|who|why|how|which"
        r"|(?:do|does|did|is|are|can|could|should|will|would|have|has)"
        r"(?: (?:i|you|we|they|he|she|it|there|the|this|that)\b))[^.!,]*$",
        re.IGNORECASE,
    ),
    clause=re.compile(r"[,;:—]| but | and | so ", re.IGNORECASE),
    shortest_question=re.compile(r"(?:\S+\s+){3}\S"),
)

_ZH_VERB = (
    r"(?:写(?!作|得|着|的|过|字|代码)|发(?=给|到|一|邮件|送|出|个|份|布|下)|整理|准备(?!好)|负责(?!任|人)|跟进|处理|修改|修复|检查|"
    r"更新|提交|联系|安排|完成|起草|制作|做(?=一|个|份|好|完|出)|测试|部署|上线|汇总|通知|确认|预订|预约|翻译|核对|编写|撰写|"
    r"补充|落实|对接|调研|统计|上传|组织|设计|打印|采购|反馈)(?!了|过|得|好了|完了|完毕|的(?:时候|话|人|是))"
)
_ZH_GAP = r"[^，。；！？,;!?：:]"
_ZH_DAY = (
    r"(?:下?下?(?:周|星期|礼拜)[一二三四五六日天末]|这周末?|本周内?|下周|明天|后天|今天|今晚|月底|年底|下个?月"
    r"|[0-9一二三四五六七八九十]+(?:月[0-9一二三四五六七八九十]+)?[日号])"
)

CHINESE = Cues(
    decision=re.compile(
        r"(?:我们|咱们|大家|会议|团队|董事会|公司|委员会)(?:现在|今天|最后|最终|一致|已经|都|就|经过讨论|讨论后|正式)*"
        r"(?:决定|同意|商定|敲定|通过)(?!权|书|性|者|因素|于|不了|不下|吧)"
        r"|(?:最终|一致)(?:决定|同意|通过|确定)"
        r"|就(?:这么|这样)(?:定|办|决定)(?:了|吧|下来)*"
        r"|(?:就|那就|已经|现在)(?:这样|这么)?(?:定下来|敲定|定)了"
        r"|达成(?:了)?(?:一致|共识)"
        r"|(?:我们的|最终的?|最后的?|会议的?)(?:决议|决定|结论)(?:是|如下|为)"
    ),
    task=re.compile(
        rf"(?:我们?|咱们|你们?|您|他们?|她们?)(?:{_ZH_GAP}{{0,8}}?)(?:来|会|去|将|要|需要|得|必须|负责)"
        rf"(?:{_ZH_GAP}{{0,10}}?){_ZH_VERB}"
        r"|(?:我们?|你们?|您|他们?|她们?)(?:来|去|就)?负责(?!任|人|的)"
        # A name, but no word that says how somebody is.
        r"|(?:^|[，；,;])[^\W_很不太真最没更最都谁也]{2,4}负责(?!任|人|的|$|[，。！!])"
        rf"|(?:由|让|安排){_ZH_GAP}{{1,10}}?{_ZH_VERB}"
        rf"|(?:请(?!问|坐|稍|等|进|假|客|教|示|大家安静)|麻烦|记得|别忘了|拜托){_ZH_GAP}{{0,12}}?{_ZH_VERB}"
        r"|(?:待办|行动项|行动事项)(?:事项)?(?:是|有|：|:)"
        rf"|{_ZH_DAY}(?:之前|以前|前){_ZH_GAP}{{0,14}}?{_ZH_VERB}"
    ),
    request=re.compile(
        rf"(?:你|您)们?(?:{_ZH_GAP}{{0,4}}?)(?:能不能|可不可以|能否|能|可以)(?:帮忙|帮我|把|{_ZH_GAP}{{0,10}}?){_ZH_VERB}"
        rf"{_ZH_GAP}*?(?:吗|么|[？?])"
    ),
    taken_back=re.compile(
        r"没|未|不|难以|无法|别(?!忘)|如果|要是|假如|假设|等到?(?=我|你|他|大家)|是否|要不要|谁|什么|怎么|为何|哪|可能|也许|或许|"
        r"好像|以为|希望|想要|应该|万一|何时"
    ),
    past=re.compile(r"已经|昨天|上周|上个月|刚才|刚刚|早就|之前就"),
    small_talk=re.compile(
        r"听(?:得|能)?(?:到|见|清)|看(?:得|能|不)?(?:到|见|清)|麦克风|话筒|摄像头|耳机|静音|屏幕共享|共享(?:一下)?屏幕|"
        r"屏幕|信号|网络卡|稍等|等一下|你好吗|在吗|吃饭|对吧|是吧|对吗|好吗|行吗|是不是啊|明白吗|懂吗|准备好了吗|"
        r"开始了吗|有人吗|声音"
    ),
    question=re.compile(
        r"[？?][”\"）)]*$|吗[。.！!]?$|(?:什么|怎么|谁|哪|多少|几|为什么|是不是|要不要|能不能|何时).*呢[。.！!]?$"
    ),
    clause=re.compile(r"[，,；;：:、。]|但是?|不过|所以|然后"),
    shortest_question=re.compile(r"(?:[^\W_][\W_]*){5}"),
)
