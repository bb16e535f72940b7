import css from "./Skeleton.module.css";

/** A quiet shape that holds the place of what is still on its way. */
export function Skeleton({ width, height }: { width: string; height: string }) {
  return <span className={css.skeleton} aria-hidden="true" style={{ inlineSize: width, blockSize: height }} />;
}
