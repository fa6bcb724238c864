/** What is said of proofs: here, since nobody needs it before a verdict. */
export const messages: Record<string, Record<string, string>> = {
  en: {
    proof_proven: "Proven: record {number} of {size} in the signed log.",
    proof_included:
      "Record {number} of {size} in the log. This browser cannot verify the signature on it.",
    proof_broken: "Not proven: {reason}",
    proof_format: "the server’s proof cannot be read.",
    proof_other_event: "the proof is of another record than the one shown.",
    proof_path: "the record’s hash does not lead to the signed root.",
    proof_signature: "the signature on the log is wrong.",
    proof_no_key: "none of the known keys signed the log.",
    proof_unsigned:
      "Not signed yet. The log is signed at least every ten minutes: try again later.",
    proof_insecure: "Browsers verify only on pages that were loaded by HTTPS.",
    proof_forbidden: "You do not have permission to verify.",
    proof_failed: "The proof could not be fetched. Try again.",
    proof_key: "Signed by key {key}, which this page was given by the server itself.",
    proof_key_pinned: "Signed by key {key}, which the product vouches for.",
    proof_limits:
      "Verified here: workspace, place and time of the record, its hash, the path to the root, " +
      "the signature. Not verified here: that the texts shown are the record’s. " +
      "“annals verify” does that with an export.",
    proof_copy: "Copy proof",
  },
  fr: {
    proof_proven: "Prouvé : enregistrement {number} sur {size} du journal signé.",
    proof_included:
      "Enregistrement {number} sur {size} du journal. " +
      "Ce navigateur ne peut pas vérifier sa signature.",
    proof_broken: "Non prouvé : {reason}",
    proof_format: "la preuve du serveur est illisible.",
    proof_other_event: "la preuve concerne un autre enregistrement que celui affiché.",
    proof_path: "l’empreinte de l’enregistrement ne mène pas à la racine signée.",
    proof_signature: "la signature du journal est fausse.",
    proof_no_key: "aucune des clés connues n’a signé le journal.",
    proof_unsigned:
      "Pas encore signé. Le journal est signé au moins toutes les dix minutes : " +
      "réessayez plus tard.",
    proof_insecure: "Les navigateurs ne vérifient que sur des pages chargées en HTTPS.",
    proof_forbidden: "Vous n’avez pas le droit de vérifier.",
    proof_failed: "La preuve n’a pas pu être chargée. Réessayez.",
    proof_key: "Signé par la clé {key}, que le serveur lui-même a donnée à cette page.",
    proof_key_pinned: "Signé par la clé {key}, dont le produit répond.",
    proof_limits:
      "Vérifié ici : espace, place et heure de l’enregistrement, son empreinte, le chemin vers " +
      "la racine, la signature. Non vérifié ici : que les textes affichés sont ceux de " +
      "l’enregistrement. « annals verify » le fait avec un export.",
    proof_copy: "Copier la preuve",
  },
};
