import { KeyRound } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useSearch } from "wouter";
import type { Registration } from "../../state/account";
import type { Entrance } from "../../state/entrance";
import type { Problem } from "../../state/problem";
import { Button } from "../../ui/Button";
import { Page } from "../../ui/Page";
import { SignUpForm } from "../account/SignUpForm";
import { useToast } from "../../ui/toastStore";
import { LanguageMenu } from "../shell/LanguageMenu";
import { MessageScreen } from "../shell/MessageScreen";
import { problemText } from "../shell/problemText";
import { Splash } from "../shell/Splash";
import { EntryCard } from "./EntryCard";

type Refusal = "bad" | "noKey" | "done";

const REFUSALS = {
  bad: { title: "entry.setupBadTitle", text: "entry.setupBadText" },
  noKey: { title: "entry.setupBadTitle", text: "entry.setupNoKeyText" },
  done: { title: "entry.setupDoneTitle", text: "entry.setupDoneText" },
} as const satisfies Record<Refusal, unknown>;

/** The first administrator, by the link that the server printed. */
export function SetupScreen({ entrance }: { entrance: Entrance }) {
  const { t } = useTranslation();
  const toast = useToast();
  const [, go] = useLocation();
  const key = new URLSearchParams(useSearch()).get("key") ?? "";
  const [refusal, setRefusal] = useState<Refusal | null>(key === "" ? "noKey" : null);
  const [isKnown, setKnown] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    // An answer that does not come decides nothing: the form's own answer will.
    void entrance.needsSetup().then((outcome) => {
      if (outcome.ok && !outcome.value) setRefusal("done");
      setKnown(true);
    });
  }, [entrance]);
  const submit = async (account: Registration) => {
    setBusy(true);
    const outcome = await entrance.setUp(key, account);
    setBusy(false);
    if (outcome.ok) {
      toast(t("entry.setupWelcome"), "ok");
      go("/", { replace: true });
    } else if (outcome.problem.kind === "setupRefused") setRefusal("bad");
    else setProblem(outcome.problem);
  };
  if (!isKnown) return <Splash />;
  if (refusal !== null) {
    return (
      <Page name={t("app.name")} actions={<LanguageMenu />}>
        <MessageScreen icon={<KeyRound />} title={t(REFUSALS[refusal].title)} text={t(REFUSALS[refusal].text)}>
          <Button look="primary" onClick={() => go("/")}>
            {t("account.signIn")}
          </Button>
        </MessageScreen>
      </Page>
    );
  }
  return (
    <EntryCard title={t("entry.setupTitle")} text={t("entry.setupText")}>
      <SignUpForm
        busy={isBusy}
        fault={problem === null ? undefined : problemText(t, problem)}
        submitText={t("entry.setupSubmit")}
        onSubmit={(account) => void submit(account)}
      />
    </EntryCard>
  );
}
