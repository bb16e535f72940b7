import { hueOf } from "../../ui/initials";

/** The colour of somebody's name on dark ground: always the same for the same name, and light enough to be read. */
export function speakerColour(name: string): string {
  return `hsl(${hueOf(name)} 90% 82%)`;
}
