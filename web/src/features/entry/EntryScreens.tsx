import { useState } from "react";
import { Route, Switch, useLocation } from "wouter";
import type { Account } from "../../state/account";
import type { Salon } from "../../state/salon";
import { ForgotScreen } from "./ForgotScreen";
import { ResetScreen } from "./ResetScreen";
import { ReturnScreen } from "./ReturnScreen";
import { SetupScreen } from "./SetupScreen";

type EntryScreensProps = { salon: Salon; account: Exclude<Account, { state: "checking" }> };

/** The pages around the sign-in, for whoever opens their address. */
export function EntryScreens({ salon, account }: EntryScreensProps) {
  const [, go] = useLocation();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { entrance } = salon;
  return (
    <Switch>
      <Route path="/forgot-password">
        <ForgotScreen
          entrance={entrance}
          email={sentTo ?? ""}
          onSent={(email) => {
            setSentTo(email);
            go("/reset-password");
          }}
        />
      </Route>
      <Route path="/reset-password">
        <ResetScreen entrance={entrance} sentTo={sentTo} />
      </Route>
      <Route path="/setup">
        <SetupScreen entrance={entrance} />
      </Route>
      <Route>
        <ReturnScreen entrance={entrance} account={account} />
      </Route>
    </Switch>
  );
}
