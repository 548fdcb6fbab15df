// Edits of labels: what they make, what takes them back, and two versions beside each other.

import assert from "node:assert/strict";
import { test } from "node:test";

import { applied, backward, between, chosen, joined, labelId, operationId, pairs } from "../../../app/assets/labeledits.js";

const CAR = { id: "a".repeat(24), label: "car", box: [0.1, 0.1, 0.2, 0.2], attributes: { truncated: true, z_order: 1 } };
const BUS = { id: "b".repeat(24), label: "bus", box: [0.5, 0.5, 0.2, 0.2], mask: true };
const change = (id, label) => ({ action: "change", label_id: id, label });

test("unnamed parts and attributes stay, null removes one", () => {
  const [made] = applied([CAR], [change(CAR.id, { label: "van", attributes: { truncated: null, far: true } })]);
  assert.deepEqual(made, { ...CAR, label: "van", attributes: { z_order: 1, far: true } });
  assert.equal("mask" in applied([BUS], [change(BUS.id, { mask: null })])[0], false);
});

test("what is added twice is there once, and edits of what is gone do nothing", () => {
  const add = { action: "add", label_id: BUS.id, label: { label: "bus" } };
  assert.equal(applied(applied([CAR], [add]), [add]).length, 2);
  assert.deepEqual(applied([CAR], [change(BUS.id, { label: "x" }), { action: "delete", label_id: BUS.id, label: {} }]), [CAR]);
});

test("the way back is the way there, backwards", () => {
  const edits = [
    change(CAR.id, { label: "van", attributes: { truncated: null, far: 2 } }), change(CAR.id, { box: [0, 0, 1, 1] }),
    { action: "add", label_id: "c".repeat(24), label: { label: "cat" } }, { action: "delete", label_id: BUS.id, label: {} },
  ];
  const back = applied(applied([CAR, BUS], edits), backward([CAR, BUS], edits));
  assert.deepEqual(back, [CAR, BUS]);
});

test("between two lists lie the edits that make one of the other", () => {
  const to = [{ ...CAR, label: "van" }, { id: "c".repeat(24), label: "cat" }];
  const edits = between([CAR, BUS], to);
  assert.deepEqual(edits.map((one) => one.action), ["delete", "change", "add"]);
  assert.deepEqual(edits[1].label, { label: "van" });
  assert.deepEqual(applied([CAR, BUS], edits), to);
  assert.deepEqual(between([CAR, BUS], [CAR, BUS]), []);
});

test("a merge takes each label as chosen, and by itself what only one side changed", () => {
  const cat = { id: "c".repeat(24), label: "cat" }, mine = [{ ...CAR, label: "van" }, BUS];
  const theirs = [{ ...CAR, label: "truck" }, cat];
  const all = pairs([CAR, BUS], mine, theirs);
  assert.deepEqual(all.map((one) => one.changed), ["both", "theirs", "theirs"]);
  assert.deepEqual(chosen(all, (one) => (one.changed === "theirs" ? "theirs" : "mine")), [mine[0], cat]);
  assert.deepEqual(chosen(all, () => "mine"), [mine[0], BUS]);
  assert.deepEqual(chosen(all, () => "theirs"), theirs);
});

test("both sides that made the same change agree; a mask that was painted here is a change", () => {
  const van = { ...CAR, label: "van" };
  assert.deepEqual(pairs([CAR], [van], [van]).map((one) => one.changed), ["same"]);
  assert.deepEqual(pairs([BUS], [{ ...BUS, mask: "png" }], [BUS]).map((one) => one.changed), ["mine"]);
});

test("two changes of one label become one, others stay apart", () => {
  const one = { id: "1", ...change(CAR.id, { label: "van", attributes: { far: 1 } }) };
  const two = { id: "2", ...change(CAR.id, { box: [0, 0, 1, 1], attributes: { near: 2 } }) };
  assert.deepEqual(joined(one, two), { ...one, label: { label: "van", box: [0, 0, 1, 1], attributes: { far: 1, near: 2 } } });
  assert.equal(joined(one, { ...two, label_id: BUS.id }), null);
  assert.equal(joined(one, { ...two, action: "delete" }), null);
  assert.equal(joined({ ...one, action: "delete" }, two), null);
});

test("ids have the form that the server wants", () => {
  assert.match(labelId(), /^[0-9a-f]{24}$/);
  assert.match(operationId(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(Array.from({ length: 999 }, () => labelId(0))).size, 999);
});
