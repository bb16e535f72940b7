import type { ReactNode } from "react";
import { classes } from "./classes";
import { Skeleton } from "./Skeleton";
import { VisuallyHidden } from "./VisuallyHidden";
import css from "./Table.module.css";

export type Column<Row> = {
  readonly key: string;
  readonly head: string;
  readonly cell: (row: Row) => ReactNode;
  /** What the row is called; on a phone it heads the row's card. */
  readonly isName?: boolean;
  /** Buttons: nothing that needs a head in sight. */
  readonly isAction?: boolean;
};

type TableProps<Row> = {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  /** Newer rows are on their way. */
  isBusy?: boolean;
  testId?: string;
};

/**
 * Rows under heads; where the screen is narrow each row is a card with its heads beside the values.
 *
 * The roles are written out: a browser forgets that a table is one as soon as its cells are laid out otherwise.
 */
export function Table<Row>({ caption, columns, rows, rowKey, isBusy = false, testId }: TableProps<Row>) {
  return (
    <div className={css.frame} aria-busy={isBusy || undefined}>
      <table role="table" className={classes(css.table, isBusy && css.busy)} data-testid={testId}>
        <caption>
          <VisuallyHidden>{caption}</VisuallyHidden>
        </caption>
        <Heads columns={columns} />
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row">
              {columns.map((column) =>
                column.isName === true ? (
                  <th key={column.key} role="rowheader" scope="row" className={css.name}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.key} role="cell" className={classes(column.isAction === true && css.action)}>
                    {column.isAction !== true && (
                      <span className={css.label} aria-hidden="true">
                        {column.head}
                      </span>
                    )}
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Heads<Row>({ columns }: { columns: readonly Column<Row>[] }) {
  return (
    <thead role="rowgroup" className={css.heads}>
      <tr role="row">
        {columns.map(({ key, head, isAction }) => (
          <th key={key} role="columnheader" scope="col">
            {isAction === true ? <VisuallyHidden>{head}</VisuallyHidden> : head}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** The shape of a table that is on its way. */
export function TableSkeleton({ label, rows = 5 }: { label: string; rows?: number }) {
  return (
    <div className={css.frame} role="status" aria-busy="true">
      <VisuallyHidden>{label}</VisuallyHidden>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={css.ghost} aria-hidden="true">
          <Skeleton width="40%" height="1.25rem" />
          <Skeleton width="22%" height="1.25rem" />
          <Skeleton width="14%" height="1.25rem" />
        </div>
      ))}
    </div>
  );
}
