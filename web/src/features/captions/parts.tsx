import { lazy, Suspense, type ComponentType, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Captions } from "../../state/captions";
import type { Readable } from "../../state/readable";
import { Panel } from "../call/Panel";
import { useShowsCaptions } from "./useShowsCaptions";

type OverlayProps = { model: Readable<Captions> };
type PanelProps = OverlayProps & { onClose: () => void };

function Nothing() {
  return null;
}

/** In the panel's place: the call goes on without it. */
function MissingPanel({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Panel id="captions-panel" title={t("captions.log")} onClose={onClose}>
      <p role="alert">{t("error.network")}</p>
    </Panel>
  );
}

/** A part that comes when it is needed: few calls have captions. If it cannot be loaded, that must not take the call down. */
function part<Props>(load: () => Promise<(props: Props) => ReactNode>, missing: (props: Props) => ReactNode) {
  return lazy(async (): Promise<{ default: ComponentType<Props> }> => ({ default: await load().catch(() => missing) }));
}

const LazyOverlay = part<OverlayProps>(() => import("./CaptionOverlay").then(({ CaptionOverlay }) => CaptionOverlay), Nothing);
const LazyPanel = part<PanelProps>(() => import("./CaptionsPanel").then((loaded) => loaded.CaptionsPanel), MissingPanel);

/** What is being said, over the pictures; nothing while captions are off, or hidden by this person. */
export function CaptionLayer({ model }: OverlayProps) {
  if (!useShowsCaptions(model)) return null;
  return (
    <Suspense fallback={null}>
      <LazyOverlay model={model} />
    </Suspense>
  );
}

/** The panel of everything said so far. */
export function CaptionsPanel(props: PanelProps) {
  return (
    <Suspense fallback={null}>
      <LazyPanel {...props} />
    </Suspense>
  );
}
