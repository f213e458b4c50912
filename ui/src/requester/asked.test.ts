import { describe, expect, it } from "vitest";
import { askedBy, askedForm, asTerms, differs, wrongIn } from "./asked";

const empty = askedForm(null);

describe("the form of who may work", () => {
  it("asks nothing where it is empty", () => {
    expect(askedBy(empty)).toBeNull();
    expect(wrongIn(empty)).toEqual([]);
    expect(asTerms(null)).toBeNull();
  });

  it("gives back what it was filled in with", () => {
    const asked = {
      speaks: ["ru", "kk"],
      regions: ["KZ"],
      age: [18, null] as [number | null, number | null],
      device: "phone" as const,
      skills: [{ name: "medical", least: 70, valid: 7_776_000 }, { name: "control:likes", least: 50.5, valid: null }],
      named: true,
      allowed: ["3f2a"],
      barred: ["77aa"],
    };
    const form = askedForm(asked);
    expect(form.skills).toBe("medical >= 70 / 90\ncontrol:likes >= 50.5");
    expect(askedBy(form)).toEqual(asked);
    expect(differs(form, asked)).toBe(false);
    expect(differs({ ...form, named: false }, asked)).toBe(true);
    expect(asTerms(asked)).toEqual({ ...asked, skills: { medical: [70, 7_776_000], "control:likes": [50.5, null] } });
  });

  it("is read as people type", () => {
    expect(askedBy({ ...empty, from: "18" })).toMatchObject({ age: [18, null] });
    expect(askedBy({ ...empty, regions: "kz; ru" })).toMatchObject({ regions: ["KZ", "RU"] });
    expect(askedBy({ ...empty, skills: " medical≥70,5 / 90д \n" })?.skills).toEqual([{ name: "medical", least: 70.5, valid: 7_776_000 }]);
  });

  it.each([
    [{ from: "old" }, ["from"]],
    [{ from: "40", to: "18" }, ["to"]],
    [{ to: "121" }, ["to"]],
    [{ speaks: "english" }, ["speaks"]],
    [{ regions: "Russia" }, ["regions"]],
    [{ skills: "medical" }, ["skills"]],
    [{ skills: "medical >= 101" }, ["skills"]],
    [{ skills: "a >= 1\na >= 2" }, ["skills"]],
    [{ allowed: "3f2a", barred: "3f2a" }, ["barred"]],
  ])("says where it cannot be read: %o", (typed, fields) => {
    expect(wrongIn({ ...empty, ...typed })).toEqual(fields);
  });
});
