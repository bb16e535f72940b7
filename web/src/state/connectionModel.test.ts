import { expect, test } from "vitest";
import { FakeClock } from "../testing/fakeClock";
import { ConnectionModel } from "./connectionModel";

function model(isOnline = () => true) {
  const clock = new FakeClock();
  const connection = new ConnectionModel(clock, isOnline, () => undefined);
  return { clock, connection, state: () => connection.connection.value.state };
}

test("connected takes both signaling and media", () => {
  const { connection, state } = model();
  expect(state()).toBe("connecting");
  connection.setSignaling(true);
  expect(state()).toBe("connecting");
  connection.setLink("connected");
  expect(state()).toBe("connected");
});

test("losing either means reconnecting, and after a while that something is wrong", async () => {
  const { clock, connection, state } = model();
  connection.setSignaling(true);
  connection.setLink("connected");
  await clock.pass(600_000);
  connection.setSignaling(false);
  expect(state()).toBe("reconnecting");
  expect(connection.connection.value.retryNow).toBeDefined();
  await clock.pass(25_000);
  expect(state()).toBe("failed");
  connection.setSignaling(true);
  expect(state()).toBe("connected");
});

test("without a network the person hears that, not that the server fails", () => {
  let isOnline = true;
  const { connection, state } = model(() => isOnline);
  connection.setSignaling(true);
  connection.setLink("connected");
  isOnline = false;
  connection.setSignaling(false);
  expect(state()).toBe("offline");
});
