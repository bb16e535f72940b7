import * as Radix from "@radix-ui/react-popover";
import { useContext, type ReactElement, type ReactNode } from "react";
import { LayerContext } from "./layer";
import css from "./Popover.module.css";

type PopoverProps = { trigger: ReactElement; label: string; testId?: string; children: ReactNode };

/**
 * Something to read, and to press, beside what it is about. A press on the trigger opens it; Esc, or a press anywhere
 * else, closes it. The page goes on meanwhile.
 *
 * Not modal: that would lock the page's scrolling with inline styles, which the content policy forbids.
 */
export function Popover({ trigger, label, testId, children }: PopoverProps) {
  const layer = useContext(LayerContext);
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={layer}>
        <Radix.Content
          className={css.popover}
          aria-label={label}
          side="bottom"
          align="start"
          sideOffset={8}
          collisionPadding={8}
          onOpenAutoFocus={focusWhole}
          data-testid={testId}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** The whole is read out first; and a key pressed twice does not press the first button. */
function focusWhole(event: Event): void {
  event.preventDefault();
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
}
