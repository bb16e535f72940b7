import css from "./Spinner.module.css";

/** A turning ring, one line high. It says nothing to screen readers: the busy element does. */
export function Spinner() {
  return <span className={css.spinner} aria-hidden="true" />;
}
