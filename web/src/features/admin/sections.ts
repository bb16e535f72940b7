/** The parts of the administration, by the words in their addresses. */
export const SECTIONS = ["overview", "users", "meetings", "ai", "audit"] as const;

export type Section = (typeof SECTIONS)[number];

/** Not under `/admin`: the server's own interface is there. */
export function sectionPath(section: Section): string {
  return section === "overview" ? "/administration" : `/administration/${section}`;
}
