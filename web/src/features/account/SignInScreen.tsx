import { Check } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Account } from "../../state/account";
import { Notice } from "../../ui/Notice";
import { Page } from "../../ui/Page";
import { RoomArt } from "../../ui/RoomArt";
import { Tabs } from "../../ui/Tabs";
import { LanguageMenu } from "../shell/LanguageMenu";
import { problemText } from "../shell/problemText";
import { useTitle } from "../shell/useTitle";
import { ProviderButtons } from "./ProviderButtons";
import { SecondFactorForm } from "./SecondFactorForm";
import { SignInForm } from "./SignInForm";
import { SignUpForm } from "./SignUpForm";
import css from "./SignInScreen.module.css";

type SignedOut = Extract<Account, { state: "signedOut" }>;

type SignInScreenProps = {
  account: SignedOut;
  /** The person followed a meeting's link. */
  isInvited: boolean;
  /** Why a provider's page led back here without a sign-in. */
  providerFault?: string | undefined;
  /** Where a provider's page leads back to; this page if absent. */
  returnTo?: string;
};

/** The front door: sign in, or make an account. */
export function SignInScreen({ account, isInvited, providerFault, returnTo }: SignInScreenProps) {
  const { t } = useTranslation();
  const [here] = useLocation();
  const [tab, setTab] = useState<"signIn" | "signUp">("signIn");
  useTitle(t(`account.${tab}`));
  const fault = account.problem === null ? undefined : problemText(t, account.problem);
  return (
    <Page name={t("app.name")} actions={<LanguageMenu />}>
      <div className={css.layout}>
        <section className={css.pitch}>
          <div className={css.art}>
            <RoomArt />
          </div>
          <h1 className={css.heading}>{t("account.heading")}</h1>
          <p className={css.lead}>{t("account.pitch")}</p>
          <ul className={css.points}>
            {(["account.pointFast", "account.pointPrivate", "account.pointSimple"] as const).map((point) => (
              <li key={point}>
                <Check aria-hidden="true" />
                {t(point)}
              </li>
            ))}
          </ul>
        </section>
        <section className={css.card} aria-label={t("account.tabs")}>
          {account.secondFactor !== null ? (
            <SecondFactorForm busy={account.isBusy} fault={fault} step={account.secondFactor} />
          ) : (
            <Tabs
              label={t("account.tabs")}
              value={tab}
              tabs={[
                { value: "signIn", text: t("account.signIn") },
                { value: "signUp", text: t("account.signUp") },
              ]}
              onChange={(next) => {
                account.clearProblem();
                setTab(next);
              }}
            >
              <div className={css.form}>
                {providerFault !== undefined && (
                  <Notice tone="error" title={t("oidc.failedTitle")}>
                    {providerFault}
                  </Notice>
                )}
                {isInvited && <Notice tone="info">{t("account.inviteNote")}</Notice>}
                {tab === "signIn" ? (
                  <SignInForm
                    busy={account.isBusy}
                    fault={fault}
                    onSubmit={({ username, password }) => account.signIn(username, password)}
                  />
                ) : (
                  <SignUpForm busy={account.isBusy} fault={fault} onSubmit={account.signUp} />
                )}
                {account.providers.length > 0 && (
                  <ProviderButtons providers={account.providers} returnTo={returnTo ?? here} />
                )}
              </div>
            </Tabs>
          )}
        </section>
      </div>
    </Page>
  );
}
