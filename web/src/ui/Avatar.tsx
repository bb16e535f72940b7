import { useState } from "react";
import { classes } from "./classes";
import { hueOf, initialsOf } from "./initials";
import css from "./Avatar.module.css";

type AvatarProps = { name: string; picture?: string | null; size?: "small" | "normal" | "large" | "fill" };

/**
 * A person: their picture, or initials on a colour that is always the same for the same name, also until the picture is
 * there and when it does not come. Decoration only.
 */
export function Avatar({ name, picture = null, size = "normal" }: AvatarProps) {
  const [missing, setMissing] = useState<string | null>(null);
  const hue = hueOf(name);
  return (
    <span
      aria-hidden="true"
      className={classes(css.avatar, css[size])}
      style={{
        backgroundImage: `linear-gradient(140deg, hsl(${hue} 52% 50%), hsl(${(hue + 38) % 360} 50% 34%))`,
      }}
    >
      {initialsOf(name)}
      {picture !== null && picture !== missing && (
        <img className={css.picture} src={picture} alt="" draggable={false} onError={() => setMissing(picture)} />
      )}
    </span>
  );
}
