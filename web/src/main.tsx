import { createRoot } from "react-dom/client";
import { App } from "./features/App";
import { startI18n } from "./i18n";
import { openSalon } from "./state/openSalon";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
startI18n();
createRoot(root).render(<App salon={openSalon(window)} />);
