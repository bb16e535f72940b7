// Runs in every page before its own scripts: notes when things happen, by the clock of the machine, so that
// what one person does can be compared with what another one sees.
if (location.protocol.startsWith("http")) localStorage.setItem("salon.debug", "1"); // about:blank has none
window.__watch = { clicks: {}, firstFrames: {}, tiles: [], maxTiles: 0 };
{
  const watch = window.__watch;
  document.addEventListener(
    "click",
    (event) => {
      const name = event.target.closest("[data-testid]")?.dataset.testid;
      if (name) watch.clicks[name] = Date.now();
    },
    true,
  );
  const watched = new WeakSet();
  const look = () => {
    const tiles = [...document.querySelectorAll('[data-testid="tile"]')];
    const ids = tiles.map((tile) => tile.dataset.streamId ?? "").sort();
    const last = watch.tiles.at(-1);
    if (!last || last.ids.join() !== ids.join()) watch.tiles.push({ at: Date.now(), ids });
    watch.maxTiles = Math.max(watch.maxTiles, tiles.length);
    for (const tile of tiles) {
      for (const video of tile.querySelectorAll("video")) {
        if (watched.has(video)) continue;
        watched.add(video);
        const id = tile.dataset.streamId ?? "";
        video.requestVideoFrameCallback(() => (watch.firstFrames[id] ??= Date.now()));
      }
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-stream-id"] });
}
