import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

/** One folder's rule: what it may not import, and why. */
function walls(folder, forbidden) {
  return {
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: forbidden.map(([group, message]) => ({ group: [group].flat(), message })),
        },
      ],
    },
  };
}

const react = [["react", "react-dom", "react/*", "react-dom/*", "react-i18next"], "This folder knows no React: it is used by the view models."];
const upward = (names, message) => [names.flatMap((name) => [`**/${name}`, `**/${name}/**`]), message];

export default tseslint.config(
  { ignores: ["node_modules", "dist"] },
  {
    files: ["**/*.{js,mjs}"],
    extends: [js.configs.recommended],
    languageOptions: { globals: globals.node },
  },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [js.configs.recommended, ...tseslint.configs.strictTypeChecked],
    plugins: { "react-hooks": reactHooks },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true } }],
      "max-lines": ["error", 500],
      eqeqeq: "error",
    },
  },
  walls("api", [react, upward(["rtc", "state", "features", "ui", "i18n"], "api/ is the lowest layer.")]),
  walls("rtc", [react, upward(["state", "features", "ui", "i18n"], "rtc/ knows only api/.")]),
  walls("state", [
    [["react-dom", "react-dom/*", "react-i18next"], "state/ draws nothing."],
    upward(["features", "ui", "i18n"], "state/ knows only rtc/ and api/."),
  ]),
  walls("features", [upward(["rtc", "api"], "Features draw the models of state/; they reach neither the network nor the media.")]),
  walls("ui", [upward(["features", "state", "rtc", "api"], "ui/ knows no feature and no model.")]),
  walls("i18n", [upward(["features", "state", "rtc", "api", "ui"], "i18n/ knows no feature and no model.")]),
  { files: ["*.config.{js,ts}"], rules: { "no-restricted-exports": "off" } },
);
