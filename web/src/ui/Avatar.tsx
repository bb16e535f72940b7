import { classes } from "./classes";
import { hueOf, initialsOf } from "./initials";
import css from "./Avatar.module.css";

/** A person without a picture: initials on a colour that is always the same for the same name. Decoration only. */
export function Avatar({ name, size = "normal" }: { name: string; size?: "small" | "normal" | "fill" }) {
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
    </span>
  );
}
