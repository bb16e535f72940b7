import { UsersRound } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Person } from "../../state/account";
import type { Administration, ManagedAccount } from "../../state/administration";
import { rankName } from "../../state/ranks";
import { useReadable } from "../../state/useReadable";
import { Avatar } from "../../ui/Avatar";
import { Table, type Column } from "../../ui/Table";
import { TextField } from "../../ui/TextField";
import { ListFrame } from "./ListFrame";
import { dayText, momentText } from "./moment";
import { RankBadge, StandingBadge } from "./UserBadges";
import { UserSheet } from "./UserSheet";
import css from "./Admin.module.css";

/** All accounts, found by part of a name or address. */
export function UsersSection({ administration, me }: { administration: Administration; me: Person }) {
  const { t, i18n } = useTranslation();
  const [model] = useState(() => administration.accounts());
  const list = useReadable(model.list);
  const [opened, setOpened] = useState<ManagedAccount | null>(null);
  useEffect(() => model.reload(), [model]);
  const columns: Column<ManagedAccount>[] = [
    {
      key: "user",
      head: t("admin.user"),
      isName: true,
      cell: (account) => (
        <button
          type="button"
          className={css.row}
          aria-label={t("admin.account.open", { name: account.name })}
          aria-haspopup="dialog"
          data-testid={`user-${account.username}`}
          onClick={() => setOpened(account)}
        >
          <Avatar name={account.name} size="small" />
          <span className={css.stacked}>
            <span className={css.open}>{account.id === me.id ? t("common.nameYou", { name: account.name }) : account.name}</span>
            <span className={css.faint}>{account.username}</span>
          </span>
        </button>
      ),
    },
    { key: "email", head: t("admin.account.email"), cell: ({ email }) => <span className={css.muted}>{email}</span> },
    { key: "rank", head: t("admin.account.rank"), cell: ({ rank }) => <RankBadge rank={rankName(rank)} /> },
    { key: "status", head: t("admin.status"), cell: ({ status }) => <StandingBadge status={status} /> },
    {
      key: "seen",
      head: t("admin.account.lastSignIn"),
      cell: ({ lastSignIn }) => (
        <span className={css.muted}>{lastSignIn === null ? t("admin.account.never") : momentText(lastSignIn, i18n.language)}</span>
      ),
    },
    {
      key: "created",
      head: t("admin.account.created"),
      cell: ({ createdAt }) => <span className={css.muted}>{dayText(createdAt, i18n.language)}</span>,
    },
  ];
  return (
    <>
      <search className={css.filters}>
        <TextField
          className={css.search}
          label={t("admin.search")}
          type="search"
          name="keyword"
          placeholder={t("admin.account.searchHint")}
          autoComplete="off"
          spellCheck={false}
          maxLength={100}
          value={list.query}
          onChange={(event) => model.search(event.target.value)}
        />
      </search>
      <ListFrame
        model={model}
        list={list}
        isFiltered={list.query.trim() !== ""}
        emptyIcon={<UsersRound />}
        emptyTitle={t("admin.account.emptyTitle")}
        emptyText={t("admin.account.emptyText")}
      >
        <Table
          caption={t("admin.account.table")}
          columns={columns}
          rows={list.items}
          rowKey={({ id }) => id}
          isBusy={list.isBusy}
          testId="users-table"
        />
      </ListFrame>
      {opened !== null && (
        <UserSheet
          administration={administration}
          before={opened}
          me={me}
          onChanged={() => model.reload()}
          onClose={() => setOpened(null)}
        />
      )}
    </>
  );
}
