import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../state/call";
import type { MeetingAtDoor } from "../../state/visit";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { CaptionsNews } from "../captions/CaptionsNews";
import { CaptionLayer, CaptionsPanel } from "../captions/parts";
import { useTitle } from "../shell/useTitle";
import { AloneCard } from "./AloneCard";
import { CallHeader } from "./CallHeader";
import { ChatPanel } from "./ChatPanel";
import { ConnectionBanner } from "./ConnectionBanner";
import { Controls } from "./Controls";
import { DevicesDialog } from "./DevicesDialog";
import { PeoplePanel } from "./PeoplePanel";
import { RecordingNotice, RecordingTrouble } from "./RecordingNotice";
import { WaitingBanner } from "./WaitingBanner";
import { SoundPrompt } from "./SoundPrompt";
import { Stage } from "./Stage";
import { useNotices } from "./useNotices";
import { useShortcuts, type PanelName } from "./useShortcuts";
import css from "./CallScreen.module.css";

/** The call: people, the bar of controls, and one panel at a time beside them. */
export function CallScreen({ call, meeting }: { call: Call; meeting: MeetingAtDoor }) {
  const { t } = useTranslation();
  const [panel, setPanel] = useState<PanelName | null>(null);
  const [showsDevices, setShowsDevices] = useState(false);
  const [asksCaptions, setAsksCaptions] = useState(false);
  const title = meeting.title ?? t("meetings.number", { id: meeting.id });
  const togglePanel = (name: PanelName) => setPanel((shown) => (shown === name ? null : name));
  const main = useRef<HTMLElement>(null);
  useEffect(() => main.current?.focus(), []); // The button that led here is gone.
  useTitle(title);
  useNotices(call);
  useShortcuts(call, togglePanel, () => setPanel(null));
  useLayoutEffect(() => {
    // Pictures look best on dark ground, whatever the system's theme is; menus and dialogs of the call follow.
    document.documentElement.dataset["stage"] = "dark";
    return () => {
      delete document.documentElement.dataset["stage"];
    };
  }, []);
  return (
    <div className={css.screen} data-testid="call-screen">
      <main ref={main} className={css.main} tabIndex={-1} aria-label={t("call.label")}>
        <CallHeader call={call} title={title} />
        <div className={css.middle}>
          <Stage call={call} />
          <div className={css.overlay}>
            <ConnectionBanner model={call.connection} />
            <CaptionsNews model={call.captions} />
            <RecordingTrouble model={call.recording} />
            <SoundPrompt model={call.sound} />
            {panel !== "people" && <WaitingBanner model={call.hosting} onShow={() => setPanel("people")} />}
          </div>
          <div className={css.lower}>
            <AloneCard grid={call.grid} link={meeting.link} />
            <CaptionLayer model={call.captions} />
          </div>
        </div>
      </main>
      {panel === "people" && <PeoplePanel call={call} link={meeting.link} onClose={() => setPanel(null)} />}
      {panel === "chat" && <ChatPanel model={call.chat} hosting={call.hosting} onClose={() => setPanel(null)} />}
      {panel === "captions" && (
        <CaptionsPanel model={call.captions} onClose={() => setPanel(null)} />
      )}
      <Controls
        call={call}
        link={meeting.link}
        panel={panel}
        onPanel={togglePanel}
        onDevices={() => setShowsDevices(true)}
        onCaptions={() => setAsksCaptions(true)}
      />
      <RecordingNotice model={call.recording} onLeave={() => call.leave()} />
      {asksCaptions && (
        <ConfirmDialog
          look="primary"
          title={t("captions.switchTitle")}
          text={t("captions.switchText")}
          confirm={t("captions.switchOn")}
          cancel={t("host.cancel")}
          closeLabel={t("common.close")}
          onClose={() => setAsksCaptions(false)}
          onConfirm={async () => {
            await call.captions.value.switchTo(true);
            setAsksCaptions(false);
          }}
        />
      )}
      {showsDevices && <DevicesDialog media={call.media} onClose={() => setShowsDevices(false)} />}
    </div>
  );
}
