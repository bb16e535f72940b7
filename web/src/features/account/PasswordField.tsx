import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../../ui/IconButton";
import { TextField } from "../../ui/TextField";

type PasswordFieldProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoComplete: "current-password" | "new-password" | "off";
  hint?: string;
  error?: string | undefined;
  optional?: string;
  name?: string;
};

/** A password, hidden until its owner wants to see it. */
export function PasswordField({ onChange, name = "password", ...rest }: PasswordFieldProps) {
  const { t } = useTranslation();
  const [isShown, setShown] = useState(false);
  return (
    <TextField
      {...rest}
      name={name}
      type={isShown ? "text" : "password"}
      spellCheck={false}
      autoCapitalize="none"
      onChange={(event) => onChange(event.target.value)}
      action={
        <IconButton
          label={t(isShown ? "account.hidePassword" : "account.showPassword")}
          icon={isShown ? <EyeOff /> : <Eye />}
          size="small"
          onClick={() => setShown(!isShown)}
        />
      }
    />
  );
}
