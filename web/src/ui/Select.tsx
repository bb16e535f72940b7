import { ChevronDown } from "lucide-react";
import { useId, type ReactNode } from "react";
import { classes } from "./classes";
import css from "./Field.module.css";

type SelectProps = {
  label: string;
  icon: ReactNode;
  value: string;
  options: readonly { value: string; text: string }[];
  onChange: (value: string) => void;
  disabled?: boolean;
};

/** A choice of one. The browser's own control: phones show their own wheel, and every key works. */
export function Select({ label, icon, value, options, onChange, disabled = false }: SelectProps) {
  const id = useId();
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>
        {label}
      </label>
      <div className={css.frame}>
        <span className={css.lead} aria-hidden="true">
          {icon}
        </span>
        <select
          id={id}
          className={classes(css.input, css.select)}
          value={value}
          disabled={disabled}
          onChange={(event) => onChange(event.target.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
        <ChevronDown className={css.chevron} aria-hidden="true" />
      </div>
    </div>
  );
}
