/** Forgotten passwords, the return from a provider, the first administrator. */

import type { EntryApi } from "../api/entry";
import type { ApiError } from "../api/http";
import type { Registration } from "./account";
import type { AccountModel } from "./accountModel";
import type { Entrance } from "./entrance";
import { outcomeOf, type Outcome, type ProblemKind } from "./problem";

export class EntranceModel implements Entrance {
  readonly #api: EntryApi;
  readonly #account: AccountModel;

  constructor(api: EntryApi, account: AccountModel) {
    this.#api = api;
    this.#account = account;
  }

  forgot(email: string): Promise<Outcome<null>> {
    return outcomeOf(async () => {
      await this.#api.forgot(email);
      return null;
    });
  }

  reset(email: string, code: string, password: string): Promise<Outcome<null>> {
    return outcomeOf(async () => {
      await this.#api.reset(email, code, password);
      return null;
    }, resetProblem);
  }

  resume(): Promise<Outcome<null>> {
    return this.#account.resume();
  }

  needsSetup(): Promise<Outcome<boolean>> {
    return outcomeOf(() => this.#api.needsSetup());
  }

  setUp(key: string, account: Registration): Promise<Outcome<null>> {
    return outcomeOf(async () => {
      await this.#account.enter(await this.#api.setUp(key, account));
      return null;
    }, setupProblem);
  }
}

function resetProblem({ status, message }: ApiError): ProblemKind | null {
  return status === 400 && /\bcode\b/i.test(message) ? "resetRefused" : null;
}

function setupProblem({ status, message }: ApiError): ProblemKind | null {
  if (status === 403) return "setupRefused";
  return /exists/i.test(message) ? "taken" : null;
}
