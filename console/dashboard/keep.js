// Pages are built again when what they show has changed: what has the focus, and what a person has opened, stays so.
(() => {
  const WHERE = ".live";
  const opened = new Set();
  let last = null;

  // The text of a link may change with what it tells; where it leads does not.
  const name = (element) => `${element.tagName} ${element.getAttribute("href") ?? element.textContent.trim()}`;
  const alike = (wanted, tag) => [...document.querySelectorAll(`${WHERE} ${tag}`)].filter((one) => name(one) === wanted);
  const summaries = () => [...document.querySelectorAll(`${WHERE} details > summary`)];
  const place = (summary) => {
    const wanted = name(summary);
    return `${wanted} ${alike(wanted, "summary").indexOf(summary)}`;
  };

  document.addEventListener("focusin", ({ target }) => {
    const wanted = target.closest(WHERE) ? name(target) : "";
    last = wanted ? { element: target, wanted, index: alike(wanted, target.tagName).indexOf(target) } : null;
  });
  document.addEventListener("pointerdown", () => { last = null; });
  document.addEventListener("toggle", ({ target }) => {
    const summary = target.matches?.(`${WHERE} details`) && target.querySelector("summary");
    if (summary) opened[target.open ? "add" : "delete"](place(summary));
  }, true);

  const bringBack = () => {
    for (const summary of summaries()) {
      if (!summary.parentElement.open && opened.has(place(summary))) summary.parentElement.open = true;
    }
    if (!last || last.element.isConnected || document.activeElement !== document.body) return;
    const found = alike(last.wanted, last.element.tagName);
    (found[last.index] ?? found[0])?.focus({ preventScroll: true });
  };
  // On a narrow page the menu is longer than its line.
  const showMenu = () => {
    const here = document.querySelector(".menu .here:not([data-shown])");
    if (!here) return;
    here.dataset.shown = "";
    here.parentElement.scrollLeft = here.offsetLeft - (here.parentElement.clientWidth - here.offsetWidth) / 2;
  };
  new MutationObserver(showMenu).observe(document.documentElement, { childList: true, subtree: true });
  new MutationObserver(bringBack).observe(document.documentElement, { childList: true, subtree: true });
})();
