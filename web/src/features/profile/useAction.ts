import { useState } from "react";
import type { Outcome, Problem } from "../../state/problem";

/** One request at a time, with its trouble kept for the screen. */
export function useAction() {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const run = async <T>(request: () => Promise<Outcome<T>>, onDone: (value: T) => void): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    const outcome = await request();
    setBusy(false);
    if (outcome.ok) onDone(outcome.value);
    else setProblem(outcome.problem);
  };
  return { isBusy, problem, setProblem, run };
}
