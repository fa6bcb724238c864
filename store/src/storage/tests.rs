//! One contract, run over every backend.

use super::*;

async fn conforms(storage: &Storage) {
    let put = |bytes: &'static str| storage.put_if_absent("a/b/one", Bytes::from(bytes));
    assert_eq!(storage.get("a/b/one").await.unwrap(), None);
    assert_eq!(put("first").await.unwrap(), Created::Mine);
    assert_eq!(put("second").await.unwrap(), Created::Taken);
    assert_eq!(storage.get("a/b/one").await.unwrap().unwrap(), "first");
    storage.put_if_absent("a/c", Bytes::from("x")).await.unwrap();
    assert_eq!(storage.list("a").await.unwrap(), ["a/b/one", "a/c"]);
    let mut part = [0; 3];
    let file = storage.open("a/b/one").await.unwrap();
    assert_eq!(file.length(), 5);
    file.read_exact_at(&mut part, 2).unwrap();
    assert_eq!(&part, b"rst");
    assert!(file.read_exact_at(&mut part, 3).is_err(), "a read past the end is an error");
    storage.delete("a/c").await.unwrap();
    storage.delete("a/c").await.unwrap();
    assert_eq!(storage.list("a").await.unwrap(), ["a/b/one"]);
    assert!(storage.open("a/c").await.is_err());
}

#[tokio::test]
async fn memory_conforms() {
    conforms(&Storage::memory()).await;
}

#[tokio::test]
async fn local_conforms() {
    let directory = tempfile::tempdir().unwrap();
    conforms(&Storage::local(directory.path()).unwrap()).await;
}

#[tokio::test]
async fn what_a_cut_off_write_left_is_cleared() {
    let directory = tempfile::tempdir().unwrap();
    let storage = Storage::local(directory.path()).unwrap();
    storage.put_if_absent("a/b", Bytes::from("kept")).await.unwrap();
    std::fs::write(directory.path().join("a/b#1"), "cut off").unwrap();
    storage.clear_staging().unwrap();
    assert!(!directory.path().join("a/b#1").exists());
    assert_eq!(storage.get("a/b").await.unwrap().unwrap(), "kept");
}
