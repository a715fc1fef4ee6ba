@integrity @pci-6.2.4 @cwe-345 @cwe-472 @asvs-V2.2.3 @asvs-V2.3.1 @wstg-BUSL-10
Feature: A payment counts only for the order it was made for, and only in full

  That a payment succeeded says nothing about which order it pays, how much came in, and in what money. All three must be
  compared before anything leaves the house.

  Background:
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay

  @critical @defect-F06
  Scenario: A payment that was lowered at the provider does not pay for the order
    When the payment is lowered to 1.00 EUR at the provider
    And the shopper pays with a Visa card
    Then nothing is fulfilled
    And the order stays unpaid

  @critical @defect-F06 @defect-F08
  Scenario: A cheap payment that names the order does not pay for it
    When somebody pays 1.00 EUR at the provider in the name of the order
    Then the order stays unpaid
    And nothing is fulfilled

  @critical @defect-F07 @defect-F08
  Scenario: The same number in a weaker currency does not pay for the order
    When somebody pays 4999 JPY at the provider in the name of the order
    Then the order stays unpaid
    And nothing is fulfilled

  @critical @defect-F08 @cwe-639
  Scenario: Another order's payment does not pay for this one
    Given another shopper who paid 19.99 EUR
    When the shopper comes back to the shop with the other order's payment
    Then the order stays unpaid
    And nothing is fulfilled

  @critical @defect-F08
  Scenario: One payment does not pay for two orders
    Given another shopper who paid 49.99 EUR
    When the shopper comes back to the shop with the other order's payment
    Then the order stays unpaid
    And the other order is fulfilled once

  @critical @defect-F09 @cwe-841 @wstg-BUSL-06
  Scenario: An address that claims success pays for nothing
    When the shopper comes back to the shop by an address that claims success
    Then the order stays unpaid
    And nothing is fulfilled

  @critical @defect-F01
  Scenario: Beginning to pay is not paying
    When the "payment started" event arrives again
    Then the order stays unpaid
    And nothing is fulfilled
