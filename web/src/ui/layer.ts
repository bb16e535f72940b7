import { createContext } from "react";

/**
 * The element that tooltips and menus are drawn into: the open dialog, which lies above all else, or null for the page.
 */
export const LayerContext = createContext<HTMLElement | null>(null);
