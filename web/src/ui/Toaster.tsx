import { CircleAlert, CircleCheck, CircleQuestionMark, X } from "lucide-react";
import { useContext, useSyncExternalStore } from "react";
import { classes } from "./classes";
import { ToastContext } from "./toastStore";
import css from "./Toaster.module.css";

/** Draws the toasts. One per page, always there, so that screen readers notice what is added. */
export function Toaster({ label, dismissLabel }: { label: string; dismissLabel: string }) {
  const store = useContext(ToastContext);
  const toasts = useSyncExternalStore(store.subscribe, store.list);
  return (
    <div className={css.region} role="region" aria-label={label}>
      <ul className={css.list} aria-live="polite" aria-relevant="additions">
        {toasts.map((toast) => (
          <li key={toast.id} className={classes(css.toast, css[toast.tone])} data-testid="toast">
            {toast.tone === "ok" && <CircleCheck aria-hidden="true" />}
            {toast.tone === "error" && <CircleAlert aria-hidden="true" />}
            {toast.tone === "warn" && <CircleQuestionMark aria-hidden="true" />}
            <span className={css.text}>{toast.text}</span>
            <button type="button" className={css.close} aria-label={dismissLabel} onClick={() => store.dismiss(toast.id)}>
              <X aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
