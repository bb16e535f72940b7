"""Chinese sentences of our own, spoken by a machine: no package that can be had has Chinese speech.

A formant synthesiser speaks them (espeak-ng, GPL-3, run as a program of its own). What is measured says
how one model stands beside another, not how well either understands a person.
"""

import shutil
import subprocess
from typing import Final

from salon.ai.audio import Sound, decode

SENTENCES: Final = (
    ("我们现在开始开会", "wo3 men5 xian4 zai4 kai1 shi3 kai1 hui4"),
    ("请大家把麦克风静音", "qing3 da4 jia1 ba3 mai4 ke4 feng1 jing4 yin1"),
    ("今天的会议主要讨论三个问题", "jin1 tian1 de5 hui4 yi4 zhu3 yao4 tao3 lun4 san1 ge4 wen4 ti2"),
    ("下个星期一之前请把报告发给我", "xia4 ge4 xing1 qi1 yi1 zhi1 qian2 qing3 ba3 bao4 gao4 fa1 gei3 wo3"),
    ("我同意这个方案", "wo3 tong2 yi4 zhe4 ge4 fang1 an4"),
    ("谁来负责测试工作", "shei2 lai2 fu4 ze2 ce4 shi4 gong1 zuo4"),
    ("声音有一点小，请再说一遍", "sheng1 yin1 you3 yi4 dian3 xiao3, qing3 zai4 shuo1 yi2 bian4"),
    (
        "我们需要更多的时间来完成这个项目",
        "wo3 men5 xu1 yao4 geng4 duo1 de5 shi2 jian1 lai2 wan2 cheng2 zhe4 ge4 xiang4 mu4",
    ),
    ("请看一下屏幕上的表格", "qing3 kan4 yi2 xia4 ping2 mu4 shang4 de5 biao3 ge2"),
    ("客户对新的版本非常满意", "ke4 hu4 dui4 xin1 de5 ban3 ben3 fei1 chang2 man3 yi4"),
    ("这个功能什么时候可以上线", "zhe4 ge4 gong1 neng2 shen2 me5 shi2 hou5 ke3 yi3 shang4 xian4"),
    ("我会在明天下午联系他们", "wo3 hui4 zai4 ming2 tian1 xia4 wu3 lian2 xi4 ta1 men5"),
    ("数据库的备份已经完成了", "shu4 ju4 ku4 de5 bei4 fen4 yi3 jing1 wan2 cheng2 le5"),
    ("他昨天没有参加会议", "ta1 zuo2 tian1 mei2 you3 can1 jia1 hui4 yi4"),
    ("请把文件上传到共享文件夹", "qing3 ba3 wen2 jian4 shang4 chuan2 dao4 gong4 xiang3 wen2 jian4 jia1"),
    ("预算还没有得到批准", "yu4 suan4 hai2 mei2 you3 de2 dao4 pi1 zhun3"),
    ("我们先休息十分钟", "wo3 men5 xian1 xiu1 xi5 shi2 fen1 zhong1"),
    ("网络连接不太稳定", "wang3 luo4 lian2 jie1 bu2 tai4 wen3 ding4"),
    ("欢迎新同事加入我们的团队", "huan1 ying2 xin1 tong2 shi4 jia1 ru4 wo3 men5 de5 tuan2 dui4"),
    ("这个决定需要经理签字", "zhe4 ge4 jue2 ding4 xu1 yao4 jing1 li3 qian1 zi4"),
    ("请记录下这个问题", "qing3 ji4 lu4 xia4 zhe4 ge4 wen4 ti2"),
    ("我们的目标是提高用户的体验", "wo3 men5 de5 mu4 biao1 shi4 ti2 gao1 yong4 hu4 de5 ti3 yan4"),
    ("会议室已经预订好了", "hui4 yi4 shi4 yi3 jing1 yu4 ding4 hao3 le5"),
    ("谢谢大家，今天的会议到此结束", "xie4 xie5 da4 jia1, jin1 tian1 de5 hui4 yi4 dao4 ci3 jie2 shu4"),
)
"""In simplified characters, as they are compared, and in pinyin with tones, as they are read: the packaged
synthesiser reads few characters."""

_TRADITIONAL: Final = (
    "們現開會請麥風靜議討論個問題報發給這誰來負責測試聲點說時間項戶對滿麼線聯"
    "繫係數據庫備經沒參傳夾預還鐘網絡連穩歡團隊決簽記錄標體驗訂謝結裡後"
)
_SIMPLIFIED: Final = (
    "们现开会请麦风静议讨论个问题报发给这谁来负责测试声点说时间项户对满么线联"
    "系系数据库备经没参传夹预还钟网络连稳欢团队决签记录标体验订谢结里后"
)
SIMPLER: Final = str.maketrans(_TRADITIONAL, _SIMPLIFIED)
"""For the characters of the sentences: what is recognised in traditional ones is not an error."""

PROGRAM = "espeak-ng"
SOURCE: Final = f"{len(SENTENCES)} sentences of our own, spoken by espeak-ng: synthetic speech"
_VOICE, _WORDS_A_MINUTE = "cmn-latn-pinyin", 150


class NoSpeaker(Exception):
    """The program that speaks is not on this machine; the text says which package has it."""

    def __init__(self) -> None:
        super().__init__(f"Nobody can speak Chinese here. Run: apt-get install {PROGRAM}")


def is_here() -> bool:
    """Whether the sentences can be spoken."""
    return shutil.which(PROGRAM) is not None


def spoken(pinyin: str) -> Sound:
    """A sentence in pinyin as sound.

    Raises:
        NoSpeaker: the program is not on this machine, or does not know Chinese.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        raise NoSpeaker
    command = [program, "-v", _VOICE, "-s", str(_WORDS_A_MINUTE), "--stdout", "--", pinyin]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=30)  # noqa: S603
    except (subprocess.SubprocessError, OSError) as fault:
        raise NoSpeaker from fault
    return decode(done.stdout, "wav", rate_hz=0, channels=0)
