import * as Radix from "@radix-ui/react-tooltip";
import { useContext, type ReactElement } from "react";
import { LayerContext } from "./layer";
import css from "./Tooltip.module.css";

type TooltipProps = { text: string; shortcut?: string | undefined; side?: "top" | "bottom"; children: ReactElement };

/** A short text beside a control on hover and focus, with its key if it has one. Needs a `TooltipProvider` above. */
export function Tooltip({ text, shortcut, side = "top", children }: TooltipProps) {
  const layer = useContext(LayerContext);
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal container={layer}>
        <Radix.Content className={css.tooltip} side={side} sideOffset={8} collisionPadding={8}>
          {text}
          {shortcut !== undefined && <kbd className={css.key}>{shortcut}</kbd>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Shared delay of all tooltips below it. */
export function TooltipProvider({ children }: { children: ReactElement }) {
  return (
    <Radix.Provider delayDuration={400} skipDelayDuration={200}>
      {children}
    </Radix.Provider>
  );
}
