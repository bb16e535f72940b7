import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useSearch } from "wouter";
import type { Account } from "../../state/account";
import type { Entrance } from "../../state/entrance";
import { useToast } from "../../ui/toastStore";
import { SignInScreen } from "../account/SignInScreen";
import { Splash } from "../shell/Splash";
import { ownPath, providerProblem } from "./providerProblem";

type ReturnScreenProps = { entrance: Entrance; account: Exclude<Account, { state: "checking" }> };

/** Where a provider's page leads back to: in, or to the front door with the reason. */
export function ReturnScreen({ entrance, account }: ReturnScreenProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const [, go] = useLocation();
  const parameters = new URLSearchParams(useSearch());
  const returnTo = ownPath(parameters.get("return_to"));
  const problem = parameters.get("problem");
  // Who was signed in before has connected an identity; anybody else signs in now.
  const [wasSignedIn] = useState(account.state === "signedIn");
  const [step, setStep] = useState<"arriving" | "arrived" | "notKept">(
    parameters.get("signed_in") === null ? "arrived" : "arriving",
  );
  useEffect(() => {
    if (step !== "arriving") return;
    void entrance.resume().then(({ ok }) => setStep(ok ? "arrived" : "notKept"));
  }, [entrance, step]);
  const isThrough = step !== "arriving" && account.state === "signedIn";
  useEffect(() => {
    if (!isThrough) return;
    if (problem !== null) toast(providerProblem(t, problem), "error");
    else if (wasSignedIn && step === "arrived" && returnTo === "/account") toast(t("profile.connected"), "ok");
    go(returnTo, { replace: true });
  }, [isThrough, problem, wasSignedIn, step, returnTo, toast, t, go]);
  if (step === "arriving" || account.state === "signedIn") return <Splash />;
  const notKept = step === "notKept" ? t("oidc.notKept") : undefined;
  return (
    <SignInScreen
      account={account}
      isInvited={returnTo.startsWith("/m/")}
      providerFault={problem === null ? notKept : providerProblem(t, problem)}
      returnTo={returnTo}
    />
  );
}
