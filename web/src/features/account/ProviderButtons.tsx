import { KeyRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { providerPath, type Provider } from "../../state/account";
import { ButtonLink } from "../../ui/ButtonLink";
import css from "./SignInScreen.module.css";

/** Ways in over a provider's own page; it leads back to `returnTo`. */
export function ProviderButtons({ providers, returnTo }: { providers: readonly Provider[]; returnTo: string }) {
  const { t } = useTranslation();
  return (
    <div className={css.providers}>
      <p className={css.or}>{t("entry.or")}</p>
      {providers.map(({ id, label }) => (
        <ButtonLink key={id} href={providerPath(returnTo)} icon={<KeyRound aria-hidden="true" />} data-testid={`provider-${id}`}>
          {t("entry.continueWith", { label })}
        </ButtonLink>
      ))}
    </div>
  );
}
