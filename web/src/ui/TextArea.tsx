import { useId, type TextareaHTMLAttributes } from "react";
import { classes } from "./classes";
import css from "./Field.module.css";
import areaCss from "./TextArea.module.css";

type TextAreaProps = Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "id"> & {
  label: string;
  hint?: string;
  error?: string | undefined;
  optional?: string;
};

/** Several lines of input with their label, and a hint or what is wrong below. */
export function TextArea({ label, hint, error, optional, ...rest }: TextAreaProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>
        {label}
        {optional !== undefined && <span className={css.optional}>{optional}</span>}
      </label>
      <div className={css.frame} data-invalid={error !== undefined || undefined}>
        <textarea
          rows={3}
          {...rest}
          id={id}
          className={classes(css.input, areaCss.area)}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
        />
      </div>
      {note !== undefined && (
        <p id={`${id}-note`} className={error === undefined ? css.hint : css.error}>
          {note}
        </p>
      )}
    </div>
  );
}
