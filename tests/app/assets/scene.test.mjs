// What is on an image, in words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { plural, scene } from "../../../app/assets/scene.js";

const PLURALS = {
  car: "cars", person: "people", Person: "People", pedestrian: "pedestrians", bus: "buses", bench: "benches", box: "boxes",
  glass: "glasses", knife: "knives", sheep: "sheep", mouse: "mice", berry: "berries", toy: "toys",
  "traffic light": "traffic lights", "hot dog": "hot dogs", skis: "skis", scissors: "scissors", Platelets: "Platelets",
  RBC: "RBCs", SignSymbol: "SignSymbols", woman: "women", fireman: "firemen", human: "humans", nucleus: "nuclei",
  wine_glass: "wine_glasses", toothbrush: "toothbrushes", potato: "potatoes", photo: "photos", "": "",
};

test("common words have their plurals", () => {
  assert.deepEqual(Object.fromEntries(Object.keys(PLURALS).map((name) => [name, plural(name)])), PLURALS);
});

test("a scene is told by counts, the most frequent first", () => {
  const names = [...Array(5).fill("car"), ...Array(1204).fill("person"), "traffic_light"];
  const items = names.map((label) => ({ label: { label, box: [0, 0, 1, 1] } }));
  const whole = { label: { label: "outdoor", box: null } };
  assert.equal(scene([...items, whole]), "1,204 people, 5 cars, 1 traffic light");
  assert.equal(scene([]), "");
});
