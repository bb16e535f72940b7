import { useId, type InputHTMLAttributes, type ReactNode, type Ref } from "react";
import { classes } from "./classes";
import css from "./Field.module.css";

type TextFieldProps = Omit<InputHTMLAttributes<HTMLInputElement>, "id"> & {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  optional?: string;
  action?: ReactNode;
  inputRef?: Ref<HTMLInputElement>;
};

/** One line of input with its label, a hint below, and in place of the hint what is wrong. */
export function TextField({ label, hint, error, optional, action, inputRef, className, ...rest }: TextFieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={classes(css.field, className)}>
      <label className={css.label} htmlFor={id}>
        {label}
        {optional !== undefined && <span className={css.optional}>{optional}</span>}
      </label>
      <div className={css.frame} data-invalid={error !== undefined || undefined}>
        <input
          {...rest}
          ref={inputRef}
          id={id}
          className={css.input}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
        />
        {action}
      </div>
      {note !== undefined && (
        <p id={`${id}-note`} className={error === undefined ? css.hint : css.error}>
          {note}
        </p>
      )}
    </div>
  );
}
