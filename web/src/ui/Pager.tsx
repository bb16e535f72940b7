import { ChevronLeft, ChevronRight } from "lucide-react";
import { IconButton } from "./IconButton";
import css from "./Pager.module.css";

type PagerProps = {
  label: string;
  /** Which part is shown, in words. */
  text: string;
  previous: string;
  next: string;
  page: number;
  hasMore: boolean;
  onGo: (page: number) => void;
};

/** Turns the pages of a list. */
export function Pager({ label, text, previous, next, page, hasMore, onGo }: PagerProps) {
  return (
    <nav className={css.pager} aria-label={label}>
      <span className={css.text} aria-live="polite">
        {text}
      </span>
      <IconButton label={previous} icon={<ChevronLeft />} tone="filled" disabled={page <= 1} onClick={() => onGo(page - 1)} />
      <IconButton label={next} icon={<ChevronRight />} tone="filled" disabled={!hasMore} onClick={() => onGo(page + 1)} />
    </nav>
  );
}
