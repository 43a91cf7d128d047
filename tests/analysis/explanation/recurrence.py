"""The recurrent encoder written down in torch, from the saved weights alone, gate by gate."""

from __future__ import annotations

import numpy as np
import torch


def encoded(architecture, weights, table, ids):
    """Each layer's and direction's gates and states by name, (L, H) each, in the text's order."""
    weights = {name: torch.tensor(value).double() for name, value in weights.items()}
    embedded = weights["embedding.weight"][torch.tensor(ids).long()]
    ngrams = torch.tensor(table.inputs(ids, np.array([len(ids)]))).double()
    inputs = torch.cat([embedded, ngrams], dim=1)
    layers = []
    for layer in range(architecture.num_layers):
        sides = []
        for names in architecture.layer_weights(layer):
            own = [weights[names[k]] for k in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
            backward = names["weight_ih"].endswith("_reverse")
            found = _read(architecture.cell, inputs.flip(0) if backward else inputs, *own)
            sides.append({k: v.flip(0) if backward else v for k, v in found.items()})
        layers.append(sides)
        inputs = torch.cat([side["h"] for side in sides], dim=1)
    return layers


def _read(cell, inputs, weight_ih, weight_hh, bias_ih, bias_hh):
    h = c = torch.zeros(weight_hh.shape[1]).double()
    rows = []
    for x in inputs:
        from_input, from_state = weight_ih @ x + bias_ih, weight_hh @ h + bias_hh
        if cell == "rnn":
            h = torch.tanh(from_input + from_state)
            rows.append({"h": h})
        elif cell == "lstm":
            i, f, g, o = (from_input + from_state).chunk(4)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            c = f * c + i * g
            h = o * c.tanh()
            rows.append({"i": i, "f": f, "g": g, "o": o, "h": h, "c": c})
        else:
            (xr, xz, xn), (hr, hz, hn) = from_input.chunk(3), from_state.chunk(3)
            r, z = (xr + hr).sigmoid(), (xz + hz).sigmoid()
            n = (xn + r * hn).tanh()
            h = (1 - z) * n + z * h
            rows.append({"r": r, "z": z, "n": n, "h": h})
    return {name: torch.stack([row[name] for row in rows]) for name in rows[0]}
