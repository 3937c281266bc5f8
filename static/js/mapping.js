// The mapping editor on top of plain forms: keys, dragging, searching in lists, keeping what is being typed.
(() => {
  "use strict";

  document.documentElement.classList.add("js");
  const editor = () => document.getElementById("editor");
  const isTyping = (element) => element && element.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");

  let follow = null; // the step that was moved, to go with it
  let back = ""; // the row that was open
  let then = ""; // the list to open once the panel is there
  let kept = null;

  // ── lists that can be searched ────────────────────────────────────────────
  const filter = (input) => {
    const list = document.getElementById(input.dataset.filter);
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    list.querySelectorAll("li[data-text]").forEach((item) => {
      item.hidden = !words.every((word) => item.dataset.text.includes(word));
    });
    list.querySelectorAll("[data-group]").forEach((group) => {
      group.hidden = !group.querySelector("li:not([hidden])");
    });
  };
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-filter]")) {
      event.stopPropagation();
      filter(event.target);
    }
  });

  // Arrow keys go through a list, from its search box on; Enter in the box takes the first hit.
  const choicesOf = (list) => [...list.querySelectorAll("li:not([hidden]) button")].filter((one) => one.offsetParent);
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest("[data-filter]");
    const list = box ? document.getElementById(box.dataset.filter) : event.target.closest(".choices");
    if (!list) return;
    const found = choicesOf(list);
    const at = found.indexOf(document.activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      event.stopPropagation();
      const next = found[at + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) next.focus();
      else if (event.key === "ArrowUp" && !box) document.querySelector(`[data-filter="${list.id}"]`)?.focus();
    } else if (event.key === "Enter" && box) {
      event.preventDefault();
      found[0]?.click();
    }
  });

  // ── what an opened list needs ─────────────────────────────────────────────
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.target.open && event.target.matches(".pickbox, .add-field, .picker")) {
        event.target.querySelector("[data-filter], input[type=search]")?.focus();
      }
    },
    true,
  );

  // ── rows: j k and arrows, Enter opens (it is a link), Escape closes ───────
  const openers = () => [...document.querySelectorAll("[data-row] [data-open]")];
  const step = (by) => {
    const all = openers();
    const row = document.activeElement?.closest?.("[data-row]") || document.querySelector("[data-row].sel");
    const at = row ? all.findIndex((one) => row.contains(one)) : -1;
    const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
    if (next) {
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    }
  };
  document.addEventListener("keydown", (event) => {
    if (!editor() || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    const target = document.activeElement;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      const item = target?.closest?.("[data-step]");
      const button = item?.querySelector(event.key === "ArrowUp" ? "[data-up]" : "[data-down]");
      if (button && !button.disabled) {
        event.preventDefault();
        follow = Number(item.closest("[data-index]").dataset.index) + (event.key === "ArrowUp" ? -1 : 1);
        button.click();
      }
      return;
    }
    if (event.altKey || isTyping(target)) {
      if (event.key === "Escape") closePanel(event);
      return;
    }
    const isInRows = !target || target === document.body || target.closest("[data-row]");
    if (event.key === "j" || (event.key === "ArrowDown" && isInRows)) {
      event.preventDefault();
      step(1);
    } else if (event.key === "k" || (event.key === "ArrowUp" && isInRows)) {
      event.preventDefault();
      step(-1);
    } else if (event.key === "Escape") {
      closePanel(event);
    }
  });
  const closePanel = (event) => {
    const open = document.activeElement?.closest?.("details[open].pickbox, details[open].add-field");
    if (open) {
      event.preventDefault();
      open.open = false;
      open.querySelector("summary").focus();
      return;
    }
    const close = document.getElementById("close-inspector");
    if (close && !document.querySelector("details.menu-x[open]")) {
      event.preventDefault();
      back = close.dataset.closeInspector;
      close.click();
    }
  };

  // ── swaps: keep scroll, focus and what is typed meanwhile ─────────────────
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-then]");
    if (add) then = add.dataset.then;
    const close = event.target.closest("[data-close-inspector]");
    if (close) back = close.dataset.closeInspector;
    const picker = event.target.closest(".picker a");
    if (picker) picker.closest("details").open = false;
  });
  document.addEventListener("htmx:beforeRequest", () => {
    const focused = document.activeElement;
    kept = { id: focused?.id, sent: isTyping(focused) ? focused.value : null };
    editor()?.classList.add("saving");
  });
  document.addEventListener("htmx:beforeSwap", () => {
    const focused = document.activeElement;
    kept = {
      ...kept,
      top: document.getElementById("inspector")?.scrollTop || 0,
      inspector: document.getElementById("inspector")?.getAttribute("aria-label"),
      typed: isTyping(focused) && focused.id === kept?.id && focused.value !== kept.sent ? focused.value : null,
    };
  });
  document.addEventListener("htmx:afterSettle", () => {
    prepare();
    const panel = document.getElementById("inspector");
    if (panel && kept && kept.inspector === panel.getAttribute("aria-label")) panel.scrollTop = kept.top;
    const typed = kept?.typed !== null && kept?.id ? document.getElementById(kept.id) : null;
    if (typed && kept.typed !== undefined) {
      typed.value = kept.typed;
      typed.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (follow !== null) document.getElementById(`step-${follow}`)?.focus();
    else if (then) {
      const list = document.getElementById(then);
      if (list) list.open = true;
      list?.scrollIntoView({ block: "nearest" });
    } else if (back) document.getElementById(back)?.focus();
    else if (panel && kept && kept.inspector !== panel.getAttribute("aria-label") && !isTyping(document.activeElement)) {
      if (window.matchMedia("(max-width: 1100px)").matches) panel.focus();
    }
    follow = null;
    then = back = "";
  });

  // ── dragging ──────────────────────────────────────────────────────────────
  const prepare = () => {
    document.querySelectorAll("[data-filter-box]").forEach((box) => (box.hidden = false));
    const chain = document.getElementById("chain");
    const form = document.getElementById("order-form");
    if (!chain || !form || chain.dataset.ready || !window.Sortable || chain.children.length < 2) return;
    chain.dataset.ready = "1";
    window.Sortable.create(chain, {
      handle: ".grip",
      animation: 120,
      ghostClass: "ghost",
      onEnd: () => {
        form.elements.order.value = [...chain.children].map((one) => one.dataset.index).join(",");
        form.requestSubmit();
      },
    });
  };
  document.addEventListener("DOMContentLoaded", prepare);
  if (document.readyState !== "loading") prepare();
})();
