import { createRoot } from "react-dom/client";
import { App } from "./features/App";
import { startI18n } from "./i18n";
import { openSalon } from "./state/openSalon";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
// Not awaited at the top: the bundler would then keep out of this file whatever the lazy parts share with it.
void startI18n().then(() => createRoot(root).render(<App salon={openSalon(window)} />));
