import * as Radix from "@radix-ui/react-tabs";
import type { ReactNode } from "react";
import css from "./Tabs.module.css";

type TabsProps<Value extends string> = {
  label: string;
  value: Value;
  tabs: readonly { value: Value; text: string }[];
  onChange: (value: Value) => void;
  children: ReactNode;
};

/** Pages behind tabs, one shown. `children` is the page of the chosen tab. */
export function Tabs<Value extends string>({ label, value, tabs, onChange, children }: TabsProps<Value>) {
  const choose = (chosen: string) => {
    const tab = tabs.find((each) => each.value === chosen);
    if (tab !== undefined && tab.value !== value) {
      onChange(tab.value);
    }
  };
  return (
    <Radix.Root className={css.tabs} value={value} onValueChange={choose}>
      <Radix.List aria-label={label} className={css.list}>
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.value} value={tab.value} className={css.tab}>
            {tab.text}
          </Radix.Trigger>
        ))}
      </Radix.List>
      <Radix.Content value={value} tabIndex={-1}>
        {children}
      </Radix.Content>
    </Radix.Root>
  );
}
