import { useTranslation } from "react-i18next";
import type { Scope } from "../../state/planned";
import { Segmented } from "../../ui/Segmented";

/** How much of a series a change means. */
export function ScopeChoice({ value, onChange }: { value: Scope; onChange: (scope: Scope) => void }) {
  const { t } = useTranslation();
  return (
    <Segmented
      label={t("plan.scope")}
      value={value}
      options={[
        { value: "this", text: t("plan.scopeThis") },
        { value: "following", text: t("plan.scopeFollowing") },
        { value: "all", text: t("plan.scopeAll") },
      ]}
      onChange={onChange}
    />
  );
}
