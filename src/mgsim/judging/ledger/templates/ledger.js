"use strict";
(() => {
  const form = document.getElementById("filters");
  const count = document.getElementById("count");
  const rows = [...document.querySelectorAll("tr[data-claim]")];
  const given = (name) => form.elements[name].value;
  const has = (row, name) => !given(name) || row.dataset[name].split("|").includes(given(name));
  const apply = () => {
    const words = given("search").toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const there = ["document", "verdict", "mechanism", "category"].every((n) => has(row, n))
        && words.every((w) => text.includes(w));
      row.hidden = !there;
      document.getElementById(row.dataset.claim).hidden = !there;
      shown += there;
    }
    count.textContent = `${shown} of ${rows.length} claims`;
    for (const part of document.querySelectorAll("[data-holds]")) {
      part.querySelector(".empty").hidden = !!part.querySelector("[data-claim-of]:not([hidden])");
    }
  };
  const reach = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.hidden) {
      form.reset();
      apply();
      target.scrollIntoView();
    }
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (e) => e.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  addEventListener("hashchange", reach);
  addEventListener("pageshow", apply);
  apply();
})();
