import * as Radix from "@radix-ui/react-dropdown-menu";
import { Check } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import css from "./Menu.module.css";

/**
 * A menu that opens at its trigger; arrow keys walk through it, Esc closes it.
 *
 * Not modal: that would lock the page's scrolling with inline styles, which the content policy forbids.
 */
export function Menu({ trigger, children }: { trigger: ReactElement; children: ReactNode }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={css.menu} sideOffset={8} collisionPadding={8} align="end">
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A line that says what the menu is about. */
export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className={css.label}>{children}</Radix.Label>;
}

/** One thing to do. */
export function MenuItem({ icon, onSelect, testId, children }: { icon?: ReactNode; onSelect: () => void; testId?: string; children: ReactNode }) {
  return (
    <Radix.Item className={css.item} onSelect={onSelect} data-testid={testId}>
      <span className={css.icon}>{icon}</span>
      {children}
    </Radix.Item>
  );
}

type MenuChoiceProps = {
  value: string;
  options: readonly { value: string; text: string; lang?: string }[];
  onChange: (value: string) => void;
};

/** A choice of one inside a menu. */
export function MenuChoice({ value, options, onChange }: MenuChoiceProps) {
  return (
    <Radix.RadioGroup value={value} onValueChange={onChange}>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={css.item} lang={option.lang}>
          <span className={css.icon}>
            <Radix.ItemIndicator>
              <Check aria-hidden="true" />
            </Radix.ItemIndicator>
          </span>
          {option.text}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

/** A thin line between groups. */
export function MenuSeparator() {
  return <Radix.Separator className={css.separator} />;
}
