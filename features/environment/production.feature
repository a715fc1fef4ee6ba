@environment @pci-6.5.3 @pci-6.5.6 @cwe-489 @asvs-V13.4.2 @wstg-BUSL-10
Feature: Play money buys nothing in production

  Test card numbers are printed in every tutorial. A shop that takes one for money gives its goods to whoever can read.

  @critical @defect-E02 @defect-W30
  Scenario: A test card pays for nothing in production
    Given a shop that runs in production
    When a shopper orders for 49.99 EUR there and pays with a test card
    Then the order there stays unpaid, and nothing is fulfilled

  @critical @defect-E01
  Scenario: What the shop tells browsers belongs to the mode it runs in
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper starts to pay
    Then the browser was given a test key and no secret one
