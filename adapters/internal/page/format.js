"use strict";

// duration writes nanoseconds with three digits and a unit.
function duration(ns) {
  if (ns < 0) return "−" + duration(-ns);
  for (const [unit, size] of [["ns", 1], ["µs", 1e3], ["ms", 1e6], ["s", 1e9]]) {
    const n = ns / size;
    if (n < 999.5 && unit !== "s" || unit === "s" && n < 60) {
      return (unit === "ns" || n >= 99.95 ? n.toFixed(0) : n >= 9.995 ? n.toFixed(1) : n.toFixed(2)) + " " + unit;
    }
  }
  const s = Math.floor(ns / 1e9);
  if (s < 3600) return Math.floor(s / 60) + " min " + s % 60 + " s";
  if (s < 86400) return Math.floor(s / 3600) + " h " + Math.floor(s % 3600 / 60) + " min";
  return Math.floor(s / 86400) + " d " + Math.floor(s % 86400 / 3600) + " h";
}

// integer groups the digits of a number.
function integer(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

// counted writes a number and what is counted.
function counted(n, one, several) {
  return integer(n) + " " + (Number(n) === 1 ? one : several || one + "s");
}

// shortCode leaves the last two elements of a file's path: the directory is that of the package.
function shortCode(code) {
  return code.split("/").slice(-2).join("/");
}

// make returns an element. What a program has named gets into a page as text only.
function make(tag, className, ...content) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  e.append(...content.filter((c) => c !== null && c !== undefined));
  return e;
}

// press returns a button that looks like a link.
function press(text, action, label) {
  const b = make("button", "link", text);
  b.type = "button";
  if (label) b.setAttribute("aria-label", label);
  b.addEventListener("click", action);
  return b;
}
