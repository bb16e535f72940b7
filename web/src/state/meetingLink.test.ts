import { expect, test } from "vitest";
import { meetingLink, parseMeetingInput } from "./meetingLink";

test.each([
  ["42", 42],
  [" #42 ", 42],
  ["https://meet.example.org/m/42", 42],
  ["https://meet.example.org/m/42/?from=mail", 42],
  ["meet.example.org/m/42#x", 42],
  [meetingLink(7, "http://localhost:8800"), 7],
])("%s is meeting %i", (text, id) => {
  expect(parseMeetingInput(text)).toBe(id);
});

test.each(["", "0", "four", "-3", "4294967296", "https://meet.example.org/", "1.5", "/m/", "99999999999"])(
  "%j is none",
  (text) => {
    expect(parseMeetingInput(text)).toBeNull();
  },
);
