// The settings of a flow: finding one, opening the group that is asked for, and showing those that play a part.
(() => {
  "use strict";

  function openGroup() {
    const group = document.getElementById(window.location.hash.slice(1))?.closest("details.setgroup");
    if (group) group.open = true;
  }

  function filterSettings(form, wanted) {
    let found = 0;
    form.querySelectorAll("details.setgroup").forEach((group) => {
      let inGroup = 0;
      group.querySelectorAll(".setline").forEach((line) => {
        line.hidden = isIdle(form, line) || (wanted !== "" && !line.firstElementChild.textContent.toLowerCase().includes(wanted));
        inGroup += line.hidden ? 0 : 1;
      });
      group.dataset.was ||= String(group.open);
      group.hidden = inGroup === 0;
      group.open = wanted !== "" ? inGroup > 0 : group.dataset.was === "true";
      if (wanted === "") delete group.dataset.was;
      found += inGroup;
    });
    form.querySelector("[data-none-found]").hidden = found > 0;
  }

  // What is chosen in the boxes that decide which settings play a part: "sales_order+simple".
  function choiceOf(form) {
    const chosen = (name) => form.querySelector(`input[name="${CSS.escape(name)}"]:checked`)?.value || "";
    return (form.dataset.deciding || "").split(" ").map(chosen).join("+");
  }

  function isIdle(form, line) {
    return Boolean(line.dataset.fits) && !line.dataset.fits.split(" ").includes(choiceOf(form));
  }

  function showWhatMatters(form) {
    form.querySelectorAll("[data-fits]").forEach((line) => (line.hidden = isIdle(form, line)));
    form.querySelectorAll("details.setgroup").forEach((group) => {
      group.hidden = !group.querySelector(".setline:not([hidden])");
      group.querySelector("[data-counted]").hidden = true;
      const link = form.querySelector(`.setindex a[href="#${CSS.escape(group.id)}"]`);
      if (link) link.hidden = group.hidden;
    });
  }

  function begin(form) {
    (form.dataset.deciding || "").split(" ").forEach((name) =>
      form.querySelectorAll(`input[name="${CSS.escape(name)}"]`).forEach((box) => box.addEventListener("change", () => showWhatMatters(form))),
    );
    const box = form.querySelector("[data-find-setting]");
    if (!box) return;
    box.hidden = false;
    box.addEventListener("input", () => filterSettings(form, box.value.trim().toLowerCase()));
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
    form.querySelectorAll(".setindex a").forEach((link) =>
      link.addEventListener("click", () => {
        const group = document.getElementById(link.hash.slice(1));
        if (group) group.open = true;
      }),
    );
  }

  document.querySelectorAll("form[data-settings]").forEach(begin);
  window.addEventListener("hashchange", openGroup);
  openGroup();
})();
