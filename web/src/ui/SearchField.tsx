import { Search } from "lucide-react";
import css from "./SearchField.module.css";

type SearchFieldProps = { label: string; value: string; onChange: (value: string) => void; testId?: string };

/** One line to search with; its label stands in it for as long as it is empty. */
export function SearchField({ label, value, onChange, testId }: SearchFieldProps) {
  return (
    <search className={css.search}>
      <Search aria-hidden="true" />
      <input
        type="search"
        className={css.input}
        aria-label={label}
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        data-testid={testId}
      />
    </search>
  );
}
